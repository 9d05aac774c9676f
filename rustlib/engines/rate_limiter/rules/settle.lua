-- settle: ARGV = now, the cost reserved, the time of the reservation, the actual cost, classes. Reply: as that of a peek of cost 0.
local cost, reserved, actual = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local keys = open_all(5)
local d = actual - cost
local changed = {}
for _, key in ipairs(keys) do
  if d > 0 and not key.one or d < 0 and not key.one and not key.new then
    for _, window in ipairs(key.windows) do
      window.algorithm.settle(window, d, cost, reserved)
    end
    changed[#changed + 1] = key
  end
end
write(changed)
local reply = { 1, now }
for _, key in ipairs(keys) do
  for _, window in ipairs(key.windows) do
    local fit = fits(window, 0)
    reply[1] = fit and reply[1] or 0
    tell(reply, window, fit, 0)
  end
end
return reply
