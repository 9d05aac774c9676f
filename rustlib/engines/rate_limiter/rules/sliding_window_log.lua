-- sliding_window_log: [1] = the sum of the entries; the entries are a list beside it: time, cost, time, cost, ... oldest first.
-- `gone` counts the entries that have left the window but still are in the list, for nothing is written before all windows fit.

-- Calls see(time, cost, index) for the entries from number `from` on (0 is the oldest in the list) until it returns true.
local function walk(w, from, see)
  if w.new then
    return w.u > 0 and from == 0 and see(w.t, w.u, 0)
  end
  local size = 1
  while true do
    local found = redis.call('LRANGE', w.key, 2 * from, 2 * (from + size) - 1)
    for i = 1, #found, 2 do
      if see(tonumber(found[i]), tonumber(found[i + 1]), from + (i - 1) / 2) then
        return true
      end
    end
    if #found < 2 * size then
      return false
    end
    from, size = from + size, math.min(512, 4 * size)
  end
end

-- Time and cost of the newest entry that counts, nil without one.
local function newest(w)
  if w.added then
    return w.t, w.added
  end
  if w.new then
    return w.u > 0 and w.t or nil, w.u
  end
  local last = redis.call('LRANGE', w.key, -2, -1)
  local time = tonumber(last[1])
  if time and time + w.p > w.t then
    return time, tonumber(last[2])
  end
end

-- Takes `g` from the entry of time `reserved`, if it still counts. The newest entries are looked at first.
local function give_back(w, g, reserved)
  local size = redis.call('LLEN', w.key)
  local first = 2 * w.gone
  while size > first do
    local from = math.max(first, size - 256)
    local found = redis.call('LRANGE', w.key, from, size - 1)
    for i = #found - 1, 1, -2 do
      local time, cost = tonumber(found[i]), tonumber(found[i + 1])
      if time < reserved then
        return
      end
      if time == reserved then
        local back = math.min(g, cost)
        w[1] = w[1] - back
        w.changed, w.left = from + i - 1, cost - back
        return
      end
    end
    size = from
  end
end

algorithms.l = {
  words = 1,
  beside = true,
  begin = function(w)
    w[1], w.gone = w.u, 0
  end,
  advance = function(w)
    w.gone = 0
    local any = walk(w, 0, function(time, cost, index)
      if time + w.p > w.t then
        return true
      end
      w[1], w.gone = w[1] - cost, index + 1
    end)
    if not any then
      w[1] = 0
    end
  end,
  fits = function(w, cost)
    return w[1] + cost <= w.n
  end,
  take = function(w, cost)
    if cost > 0 then
      local time, last = newest(w)
      w.joins = time == w.t
      w.added = cost + (w.joins and last or 0)
      w[1] = w[1] + cost
    end
  end,
  remaining = function(w)
    return math.max(0, w.n - w[1])
  end,
  reset = function(w)
    local time = newest(w)
    return time and time + w.p - w.t or 0
  end,
  retry = function(w, cost)
    local sum, at = w[1], w.t
    walk(w, w.gone, function(time, taken)
      sum, at = sum - taken, time
      return sum + cost <= w.n
    end)
    return at + w.p - w.t
  end,
  settle = function(w, d, _, reserved)
    if d > 0 then
      algorithms.l.take(w, math.min(d, math.max(0, 2 * w.n - w[1])))
    elseif not w.new then
      give_back(w, -d, reserved)
    end
  end,
  write = function(w)
    if w.new then
      redis.call('DEL', w.key)
    end
    if w.changed then
      redis.call('LSET', w.key, w.changed + 1, text(w.left))
      if w.left == 0 then
        redis.call('LSET', w.key, w.changed, 'gone')
        redis.call('LSET', w.key, w.changed + 1, 'gone')
        redis.call('LREM', w.key, 2, 'gone')
      end
    end
    if w.gone > 0 then
      redis.call('LTRIM', w.key, 2 * w.gone, -1)
      w.gone = 0
    end
    if w.added and w.joins and not w.new then
      redis.call('LSET', w.key, -1, text(w.added))
    elseif w.added then
      redis.call('RPUSH', w.key, text(w.t), text(w.added))
    elseif w.new and w.u > 0 then
      redis.call('RPUSH', w.key, text(w.t), text(w.u))
    end
    w.new, w.added, w.joins, w.changed = false, nil, nil, nil
  end,
}
