-- rate_limiter on Redis or Valkey: what every script begins with. RULES.md is the specification; the words are its words.
-- A script is head, the algorithms that the limiter uses, and one of check, settle, release, reset, put together by the host.
-- Numbers are whole and below 2^53, so doubles hold them exactly. Nothing is kept in Lua between two calls.
-- A key is a string of doubles, T and the words of its windows, with a list (sliding_window_log) or a sorted set (leases) beside it. Tests: tests/redis/.

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

-- A class as the host writes it: [K, one, kind, n, p, c, u, kind, n, p, c, u, ...]. Kinds are the keys of `algorithms`; for buckets
-- n and p are N' and P'; u is what a new key has used already. Its key is KEYS[at]. Reads the state and advances it to T; a key that
-- is unknown, or was left alone for K, is new. Returns the key with its windows, and the position of the next key.
local function open(class, at)
  local numbers, windows, count = cjson.decode(class), {}, 1
  local state = redis.call('GET', KEYS[at])
  local key = { name = KEYS[at], keep = numbers[1], one = numbers[2] == 1, windows = windows }
  at = at + 1
  for i = 3, #numbers, 5 do
    local algorithm, beside = algorithms[numbers[i]], nil
    if algorithm.beside then
      beside, at = KEYS[at], at + 1
    end
    windows[#windows + 1] = {
      algorithm = algorithm, key = beside, t = 0, new = true,
      n = numbers[i + 1], p = numbers[i + 2], c = numbers[i + 3], u = numbers[i + 4],
    }
    count = count + algorithm.words
  end
  key.form = '<' .. string.rep('d', count)
  local words = state and #state == 8 * count and { struct.unpack(key.form, state) }
  if state and not words then
    error('a key of the rate limiter holds no state')
  end
  local t, word = words and words[1], 2
  key.t = math.max(now, t or 0)
  key.new = not t or key.t >= t + key.keep
  for i = 1, #windows do
    local window = windows[i]
    window.t, window.new = key.t, key.new
    if key.new then
      window.algorithm.begin(window)
    else
      for k = 1, window.algorithm.words do
        window[k], word = words[word], word + 1
      end
      window.algorithm.advance(window, t)
    end
  end
  return key, at
end

-- All keys of the call: their classes are the arguments from `first` on.
local function open_all(first)
  local keys, at = {}, 1
  for i = first, #ARGV do
    keys[#keys + 1], at = open(ARGV[i], at)
  end
  return keys
end

-- The strings go first: out of memory, the server refuses the first of them and nothing has been written yet.
local function write(keys)
  for i = 1, #keys do
    local key = keys[i]
    local words = { key.t }
    for j = 1, #key.windows do
      local window = key.windows[j]
      for k = 1, window.algorithm.words do
        words[#words + 1] = window[k]
      end
    end
    key.ttl = up(key.keep, 1000) + margin
    redis.call('SET', key.name, struct.pack(key.form, unpack(words)), 'PX', key.ttl)
  end
  for i = 1, #keys do
    local key = keys[i]
    for j = 1, #key.windows do
      local window = key.windows[j]
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
  local last = #reply
  reply[last + 1] = fit and 1 or 0
  reply[last + 2] = window.algorithm.remaining(window)
  reply[last + 3] = window.algorithm.reset(window)
  reply[last + 4] = retry
end
