-- rate_limiter on Redis or Valkey: what every script begins with. RULES.md is the specification; the words are its words.
-- A script is head, the algorithms that the limiter uses, and one of check, settle, release, reset, put together by the host.
-- Numbers are whole and below 2^53, so doubles hold them exactly. Nothing is kept in Lua between two calls.
-- A key is a string "t word word ...", with a list (sliding_window_log) or a sorted set (leases) beside it. Tests: tests/redis/.

local NEVER = -1
-- How much longer than K a key stays, milliseconds: the host's clock (`now` given) may run slower than the server's.
local MARGIN_SERVER_CLOCK, MARGIN_GIVEN_CLOCK = 1000, 60000
local algorithms = {}

local function div(x, y)
  return (x - math.fmod(x, y)) / y
end

local function up(x, y)
  local rest = math.fmod(x, y)
  return (x - rest) / y + (rest > 0 and 1 or 0)
end

local function start(x, period)
  return x - math.fmod(x, period)
end

local function text(number)
  return string.format('%.0f', number)
end

-- Time in microseconds: the argument, or the server's clock for "0".
local given = tonumber(ARGV[1])
local now = given
if given == 0 then
  local clock = redis.call('TIME')
  now = clock[1] * 1000000 + clock[2]
end
local margin = given == 0 and MARGIN_SERVER_CLOCK or MARGIN_GIVEN_CLOCK

-- A class as the host writes it: "K one kind n p c u kind n p c u ...". Kinds are the keys of `algorithms`; for buckets n and p
-- are N' and P'; u is what a new key has used already. Returns the key with its windows, and the position of the next key.
local function parse(class, at)
  local words = {}
  for word in string.gmatch(class, '%S+') do
    words[#words + 1] = word
  end
  local key = { name = KEYS[at], keep = tonumber(words[1]), one = words[2] == '1', windows = {} }
  at = at + 1
  for i = 3, #words, 5 do
    local window = {
      algorithm = algorithms[words[i]], n = tonumber(words[i + 1]), p = tonumber(words[i + 2]),
      c = tonumber(words[i + 3]), u = tonumber(words[i + 4]),
    }
    if window.algorithm.beside then
      window.key = KEYS[at]
      at = at + 1
    end
    key.windows[#key.windows + 1] = window
  end
  return key, at
end

-- Reads the state and advances it to T; a key that is unknown, or was left alone for K, is new.
local function open(key)
  local words, state = {}, redis.call('GET', key.name)
  for word in string.gmatch(state or '', '%S+') do
    words[#words + 1] = tonumber(word)
  end
  local t = words[1]
  if state and not t then
    error('a key of the rate limiter holds no state')
  end
  key.t = math.max(now, t or 0)
  key.new = t == nil or key.t >= t + key.keep
  local at = 2
  for _, window in ipairs(key.windows) do
    window.t, window.new = key.t, key.new
    if key.new then
      window.algorithm.begin(window)
    else
      for i = 1, window.algorithm.words do
        window[i] = words[at]
        at = at + 1
      end
      window.algorithm.advance(window, t)
    end
  end
end

-- All keys of the call: their classes are the arguments from `first` on.
local function open_all(first)
  local keys, at = {}, 1
  for i = first, #ARGV do
    keys[#keys + 1], at = parse(ARGV[i], at)
    open(keys[#keys])
  end
  return keys
end

-- The strings go first: out of memory, the server refuses the first of them and nothing has been written yet.
local function write(keys)
  for _, key in ipairs(keys) do
    local words = { text(key.t) }
    for _, window in ipairs(key.windows) do
      for i = 1, window.algorithm.words do
        words[#words + 1] = text(window[i])
      end
    end
    key.ttl = text(up(key.keep, 1000) + margin)
    redis.call('SET', key.name, table.concat(words, ' '), 'PX', key.ttl)
  end
  for _, key in ipairs(keys) do
    for _, window in ipairs(key.windows) do
      if window.key then
        window.algorithm.write(window)
        redis.call('PEXPIRE', window.key, key.ttl)
      end
    end
  end
end

local function fits(window, cost)
  return cost <= window.c and window.algorithm.fits(window, cost)
end

-- Adds what is told about a window: whether the cost fits, remaining, reset, retry.
local function tell(reply, window, fit, cost)
  local retry = 0
  if not fit then
    retry = cost > window.c and NEVER or window.algorithm.retry(window, cost)
  end
  reply[#reply + 1] = fit and 1 or 0
  reply[#reply + 1] = window.algorithm.remaining(window)
  reply[#reply + 1] = window.algorithm.reset(window)
  reply[#reply + 1] = retry
end
