-- check, peek, acquire: ARGV = now, cost, "peek" or "", the id of the lease or "", classes.
-- Reply: whether all fit, now, then for each window: fits, remaining, reset, retry (microseconds, -1 is NEVER).
local cost, peek, lease = tonumber(ARGV[2]), ARGV[3] == 'peek', ARGV[4] ~= ''
local keys = open_all(5)
local all = true
for _, key in ipairs(keys) do
  key.cost = key.one and math.min(1, cost) or cost
  for _, window in ipairs(key.windows) do
    window.fit = fits(window, window.algorithm.leases and 1 or key.cost)
    all = all and window.fit
  end
end
if all and not peek then
  for _, key in ipairs(keys) do
    for _, window in ipairs(key.windows) do
      window.algorithm.take(window, key.cost)
    end
  end
  if cost > 0 or lease then
    write(keys)
  end
end
local reply = { all and 1 or 0, now }
for _, key in ipairs(keys) do
  for _, window in ipairs(key.windows) do
    tell(reply, window, window.fit, window.algorithm.leases and 1 or key.cost)
  end
end
return reply
