-- reset: ARGV = now, "", "", "", classes. Reply: how many keys there were.
local known = 0
for _, key in ipairs(open_all(5)) do
  if not key.new then
    known = known + 1
  end
  redis.call('DEL', key.name)
  for _, window in ipairs(key.windows) do
    if window.key then
      redis.call('DEL', window.key)
    end
  end
end
return { known, now }
