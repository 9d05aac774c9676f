-- fixed_window: [1] = c, what the running window has counted.
algorithms.f = {
  words = 1,
  begin = function(w)
    w[1] = w.u
  end,
  advance = function(w, t)
    if start(w.t, w.p) > start(t, w.p) then
      w[1] = 0
    end
  end,
  fits = function(w, cost)
    return w[1] + cost <= w.n
  end,
  take = function(w, cost)
    w[1] = w[1] + cost
  end,
  remaining = function(w)
    return math.max(0, w.n - w[1])
  end,
  reset = function(w)
    return w[1] > 0 and start(w.t, w.p) + w.p - w.t or 0
  end,
  retry = function(w)
    return start(w.t, w.p) + w.p - w.t
  end,
  settle = function(w, d, _, reserved)
    if d > 0 then
      w[1] = math.min(2 * w.n, w[1] + d)
    elseif start(reserved, w.p) == start(w.t, w.p) then
      w[1] = math.max(0, w[1] + d)
    end
  end,
}
