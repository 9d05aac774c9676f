-- check, peek, acquire: ARGV = now, cost, "peek" or "", the id of the lease or "", classes.
-- Reply: whether all fit, now, then for each window: fits, remaining, reset, retry (microseconds, -1 is NEVER).
local cost, peek, lease = tonumber(ARGV[2]), ARGV[3] == 'peek', ARGV[4] ~= ''
local keys = open_all(5)
local all = true
for i = 1, #keys do
  local key = keys[i]
  key.cost = key.one and math.min(1, cost) or cost
  for j = 1, #key.windows do
    local window = key.windows[j]
    window.fit = fits(window, window.algorithm.leases and 1 or key.cost)
    all = all and window.fit
  end
end
if all and not peek then
  for i = 1, #keys do
    local key = keys[i]
    for j = 1, #key.windows do
      local window = key.windows[j]
      window.algorithm.take(window, key.cost)
    end
  end
  if cost > 0 or lease then
    write(keys)
  end
end
local reply = { all and 1 or 0, now }
for i = 1, #keys do
  local key = keys[i]
  for j = 1, #key.windows do
    local window = key.windows[j]
    tell(reply, window, window.fit, window.algorithm.leases and 1 or key.cost)
  end
end
return reply
