-- sliding_window_counter: [1] = prev, [2] = cur. `left` is f, what is left of the running window.
local function left(w)
  return w.p - math.fmod(w.t, w.p)
end

algorithms.c = {
  words = 2,
  begin = function(w)
    w[1], w[2] = 0, w.u
  end,
  advance = function(w, t)
    local from, to = start(t, w.p), start(w.t, w.p)
    if to == from + w.p then
      w[1], w[2] = w[2], 0
    elseif to ~= from then
      w[1], w[2] = 0, 0
    end
  end,
  fits = function(w, cost)
    return w[2] + cost <= w.n and w[1] * left(w) <= (w.n - w[2] - cost) * w.p
  end,
  take = function(w, cost)
    w[2] = w[2] + cost
  end,
  remaining = function(w)
    return math.max(0, w.n - w[2] - up(w[1] * left(w), w.p))
  end,
  reset = function(w)
    if w[2] > 0 then
      return left(w) + w.p
    end
    return w[1] > 0 and left(w) or 0
  end,
  retry = function(w, cost)
    if w[2] + cost <= w.n then
      return left(w) - div((w.n - w[2] - cost) * w.p, w[1])
    end
    return left(w) + w.p - math.min(w.p, div((w.n - cost) * w.p, w[2]))
  end,
  settle = function(w, d, _, reserved)
    local from, to = start(reserved, w.p), start(w.t, w.p)
    if d > 0 then
      w[2] = math.min(2 * w.n, w[2] + d)
    elseif from == to then
      w[2] = math.max(0, w[2] + d)
    elseif from + w.p == to then
      w[1] = math.max(0, w[1] + d)
    end
  end,
}
