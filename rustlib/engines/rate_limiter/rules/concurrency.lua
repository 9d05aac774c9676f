-- concurrency: leases are a sorted set beside the key, ids by expiry. n = M, p = the lease time; a request counts 1.
local function live(w)
  return '(' .. text(w.t)
end

algorithms.m = {
  words = 0,
  leases = true,
  beside = true,
  begin = function(w)
    w.count = 0
  end,
  advance = function(w)
    w.count = redis.call('ZCOUNT', w.key, live(w), '+inf')
  end,
  fits = function(w)
    return w.count < w.n
  end,
  take = function(w)
    w.count, w.added = w.count + 1, true
  end,
  remaining = function(w)
    return math.max(0, w.n - w.count)
  end,
  reset = function(w)
    local last = w.count > 0 and redis.call('ZREVRANGE', w.key, 0, 0, 'WITHSCORES')[2]
    return last and last - w.t or 0
  end,
  retry = function(w)
    return redis.call('ZRANGEBYSCORE', w.key, live(w), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2] - w.t
  end,
  write = function(w)
    if w.new then
      redis.call('DEL', w.key)
    end
    redis.call('ZREMRANGEBYSCORE', w.key, '-inf', text(w.t))
    redis.call('ZADD', w.key, text(w.t + w.p), ARGV[4])
  end,
}
