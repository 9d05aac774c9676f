-- release: ARGV = now, the id of the lease, "", "", classes. Reply: how many keys held the lease, unexpired.
local held = 0
for _, key in ipairs(open_all(5)) do
  for _, window in ipairs(key.windows) do
    if window.algorithm.leases then
      local expiry = redis.call('ZSCORE', window.key, ARGV[2])
      if expiry and not key.new and tonumber(expiry) > key.t then
        held = held + 1
      end
      redis.call('ZREM', window.key, ARGV[2])
    end
  end
end
return { held, now }
