-- gcra and token_bucket: [1] = L, the weight that counts; n of it runs out in a microsecond, one unit of cost weighs p.
algorithms.b = {
  words = 1,
  begin = function(w)
    w[1] = w.u * w.p
  end,
  advance = function(w, t)
    local passed = w.t - t
    w[1] = passed >= up(w[1], w.n) and 0 or w[1] - passed * w.n
  end,
  fits = function(w, cost)
    local full = w.c * w.p
    return w[1] <= full and cost * w.p <= full - w[1]
  end,
  take = function(w, cost)
    w[1] = w[1] + cost * w.p
  end,
  remaining = function(w)
    local full = w.c * w.p
    return w[1] >= full and 0 or div(full - w[1], w.p)
  end,
  reset = function(w)
    return up(w[1], w.n)
  end,
  retry = function(w, cost)
    return up(w[1] - (w.c - cost) * w.p, w.n)
  end,
  settle = function(w, d, cost, reserved)
    if d > 0 then
      w[1] = w[1] + math.min(math.min(d, 2 * w.c) * w.p, 2 * w.c * w.p - w[1])
      return
    end
    local passed, weight = math.max(0, w.t - reserved), cost * w.p
    local still = passed > up(weight, w.n) and 0 or math.max(0, weight - passed * w.n)
    w[1] = math.max(0, w[1] - math.min(-d * w.p, still))
  end,
}
