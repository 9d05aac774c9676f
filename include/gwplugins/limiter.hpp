/* A part of gwplugins.hpp; include that. Who may do how much: Limiter and Decision. */

#ifndef GWPLUGINS_LIMITER_HPP
#define GWPLUGINS_LIMITER_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes.hpp"
#include "key.hpp"
#include "rule_names.hpp"

namespace gwplugins {

/// What a limiter decided. It tells about the window that matters: of refusals the longest wait, else what leaves
/// least. Made without a call, and after one that failed, it does not allow.
struct Decision {
    bool allowed = false;                    ///< The request may go on. Else nothing was taken anywhere.
    bool would_refuse = false;               ///< A dry run let it pass; nothing was taken.
    bool blocked = false;                    ///< A block list refused.
    std::string_view dimension;              ///< Its name, empty for none. Valid as long as the limiter's dimensions.
    std::uint32_t window = GWP_NO_INDEX;     ///< Index among the windows of the key; GWP_NO_INDEX for none.
    std::optional<std::uint64_t> limit;      ///< Most that can be had at once; nothing: unlimited.
    std::optional<std::uint64_t> remaining;  ///< What is left, after this request; nothing: unlimited.
    std::chrono::nanoseconds reset{0};       ///< Until everything can be had again, if nothing comes.
    /// Until the same request would be allowed, if nothing comes; 0 when it is; nothing: never.
    std::optional<std::chrono::nanoseconds> retry_after;
    std::uint64_t now_ns = 0;  ///< When it was decided, in nanoseconds of the clock in use.
};

/// How a request is decided.
struct Take {
    std::uint64_t cost = 1;    ///< What it takes, 0 to 2^50.
    std::uint64_t now_ns = 0;  ///< The time, of any clock, always the same one; 0: the library's own.
    bool peek = false;         ///< Take nothing, only tell.
    bool dry_run = false;      ///< Refuse nothing; `would_refuse` tells.
};

/// What a check with this cost and decision took, for `settle`.
struct Reserved {
    std::uint64_t cost;    ///< Its cost.
    std::uint64_t now_ns;  ///< `now_ns` of its decision.
};

/// A decision, and the lease that a request holds while it runs: its number, 0 when it was refused.
struct Acquired {
    Decision decision;        ///< Of the check.
    std::uint64_t lease = 0;  ///< What `release` takes.
};

/// What is asked of a limiter whose counts are in Redis.
using Request = gwp_limiter_request;

namespace detail {

/// Limiters came with ABI 1.1.
inline Status has_limiters() noexcept {
    return serves(1, "the loaded libgwplugins is older than ABI 1.1: it has no limiters");
}

/// A wait; one longer than 292 years counts as that.
inline std::chrono::nanoseconds wait(std::uint64_t ns) noexcept {
    constexpr auto most = std::chrono::nanoseconds::max();
    return ns > static_cast<std::uint64_t>(most.count()) ? most : std::chrono::nanoseconds(ns);
}

}  // namespace detail

/// JSON Schema of a limiter's configuration; lives as long as the process. Throws Error.
inline std::string_view limiter_schema() {
    check(detail::has_limiters());
    gwp_error *error = nullptr;
    const std::uint8_t *schema = nullptr;
    std::size_t len = 0;
    const gwp_status code = gwp_limiter_schema(&schema, &len, &error);
    check({code, error});
    return detail::view(schema, len);
}

/// A configured rate limiter with the counts of all its keys. Any number of threads may use one. A Key brings one value
/// for each of its `dimensions()`. A call that failed did not allow anything.
class Limiter {
public:
    /// A closed limiter: GWP_E_NULL_ARG.
    Limiter() noexcept = default;

    /// Makes a limiter without any counts; `config` is one JSON object by `limiter_schema()`. Throws Error.
    explicit Limiter(std::string_view config) { gwplugins::check(try_open(*this, config)); }

    /// The same into `limiter`, which stays as it is on failure. GWP_E_UNSUPPORTED when the loaded library is older
    /// than ABI 1.1 or was built without limiters.
    static Status try_open(Limiter &limiter, std::string_view config) {
        if (Status status = detail::has_limiters(); !status) return status;
        gwp_error *error = nullptr;
        gwp_limiter *made = nullptr;
        const gwp_status code = gwp_limiter_new(detail::bytes(config), config.size(), &made, &error);
        if (code != GWP_OK) return {code, error};
        Limiter opened;
        opened.handle_.reset(made);
        detail::Description described(opened.describe());
        opened.dimensions_ = described.names("dimensions");
        opened.most_windows_ = described.number("most_windows");
        limiter = std::move(opened);
        return {};
    }

    /// Decides about one request and takes its cost from all windows of all its values, or from none.
    Status try_check(const Key &key, Decision &decision, const Take &take = {}) const {
        return decide(key, decision, take, nullptr, 0);
    }
    Decision check(const Key &key, const Take &take = {}) const {
        Decision decision;
        gwplugins::check(try_check(key, decision, take));
        return decision;
    }

    /// The same; `windows` gets what every window says, in order.
    Status try_check(const Key &key, Decision &decision, std::vector<Decision> &windows, const Take &take = {}) const {
        std::vector<gwp_decision> details(most_windows_);
        Status status = decide(key, decision, take, details.data(), details.size());
        windows.clear();
        for (const gwp_decision &one : details) {
            if (status && one.limit != 0) windows.push_back(told(one));
        }
        return status;
    }

    /// What a check would say, without taking anything. Throws Error.
    Decision peek(const Key &key, std::uint64_t cost = 1, std::uint64_t now_ns = 0) const {
        return check(key, {cost, now_ns, true, false});
    }

    /// Decides about one request after the other; each costs 1, or what `costs` holds for it. The first that fails ends
    /// the call: `decisions` holds those before it, which stand. GWP_E_OUT_OF_RANGE, with nothing taken, when a key has
    /// another number of values than there are dimensions, or the numbers of keys and costs differ.
    Status try_check_many(const std::vector<Key> &keys, std::vector<Decision> &decisions,
                          const std::vector<std::uint64_t> &costs = {}, std::uint64_t now_ns = 0) const {
        decisions.clear();
        if (!costs.empty() && costs.size() != keys.size()) {
            return {GWP_E_OUT_OF_RANGE, "the numbers of keys and of costs differ"};
        }
        std::string values;
        std::vector<std::uint64_t> offsets{0};
        for (const Key &key : keys) {
            if (handle_ && key.size() != dimensions_.size()) {
                return {GWP_E_OUT_OF_RANGE, "a key has another number of values than the limiter has dimensions"};
            }
            for (std::size_t i = 1; i <= key.size(); i++) offsets.push_back(values.size() + key.offsets()[i]);
            values.append(key.buffer());
        }
        gwp_error *error = nullptr;
        std::vector<gwp_decision> made(keys.size());
        const gwp_status code = gwp_limiter_check_many(
            handle_.get(), detail::bytes(values), values.size(), offsets.data(), offsets.size() - 1, keys.size(),
            costs.empty() ? nullptr : costs.data(), now_ns, 0, made.data(), &error);
        for (const gwp_decision &one : made) {
            if (code != GWP_OK && is_zero(one)) break;
            decisions.push_back(told(one));
        }
        return {code, error};
    }
    std::vector<Decision> check_many(const std::vector<Key> &keys, const std::vector<std::uint64_t> &costs = {},
                                     std::uint64_t now_ns = 0) const {
        std::vector<Decision> decisions;
        gwplugins::check(try_check_many(keys, decisions, costs, now_ns));
        return decisions;
    }

    /// Corrects the cost of a granted check to `actual`, once. `allowed` is false while a window is beyond its limit.
    Status try_settle(const Key &key, Reserved reserved, std::uint64_t actual, Decision &decision,
                      std::uint64_t now_ns = 0) const {
        return decided(decision, [&](gwp_decision &raw, gwp_error **error) {
            return gwp_limiter_settle(handle_.get(), detail::bytes(key.buffer()), key.buffer().size(), key.offsets(),
                                      key.size(), reserved.cost, reserved.now_ns, actual, now_ns, &raw, error);
        });
    }
    Decision settle(const Key &key, Reserved reserved, std::uint64_t actual, std::uint64_t now_ns = 0) const {
        Decision decision;
        gwplugins::check(try_settle(key, reserved, actual, decision, now_ns));
        return decision;
    }

    /// A check that counts concurrency limits, too; the lease ends with `release`, or after the configured time.
    Status try_acquire(const Key &key, Acquired &acquired, const Take &take = {}) const {
        acquired.lease = 0;
        return decided(acquired.decision, [&](gwp_decision &raw, gwp_error **error) {
            return gwp_limiter_acquire(handle_.get(), detail::bytes(key.buffer()), key.buffer().size(), key.offsets(),
                                       key.size(), take.cost, take.now_ns, flags(take), &acquired.lease, &raw, error);
        });
    }
    Acquired acquire(const Key &key, const Take &take = {}) const {
        Acquired acquired;
        gwplugins::check(try_acquire(key, acquired, take));
        return acquired;
    }

    /// Ends a lease that the same key got; `released` is whether it was there and had not run out.
    Status try_release(const Key &key, std::uint64_t lease, bool &released, std::uint64_t now_ns = 0) const {
        gwp_error *error = nullptr;
        std::uint32_t found = 0;
        const gwp_status code =
            gwp_limiter_release(handle_.get(), detail::bytes(key.buffer()), key.buffer().size(), key.offsets(),
                                key.size(), lease, now_ns, &found, &error);
        released = found != 0;
        return {code, error};
    }
    bool release(const Key &key, std::uint64_t lease, std::uint64_t now_ns = 0) const {
        bool released = false;
        gwplugins::check(try_release(key, lease, released, now_ns));
        return released;
    }

    /// Forgets the counts of all values that are not empty; `removed` is how many of them had any.
    Status try_reset(const Key &key, std::size_t &removed, std::uint64_t now_ns = 0) const {
        gwp_error *error = nullptr;
        const gwp_status code = gwp_limiter_reset(handle_.get(), detail::bytes(key.buffer()), key.buffer().size(),
                                                  key.offsets(), key.size(), now_ns, &removed, &error);
        return {code, error};
    }
    std::size_t reset(const Key &key, std::uint64_t now_ns = 0) const {
        std::size_t removed = 0;
        gwplugins::check(try_reset(key, removed, now_ns));
        return removed;
    }

    /// All counts, for `import_state`; they hold the values of all keys.
    Status try_export_state(Bytes &state, std::uint64_t now_ns = 0) const {
        return state.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_limiter_export(handle_.get(), now_ns, into, error);
        });
    }
    std::string export_state(std::uint64_t now_ns = 0) const {
        return detail::written([&](Bytes &state) { return try_export_state(state, now_ns); });
    }

    /// Adds the counts of a limiter with the same dimensions and windows; `imported` is the number of keys.
    /// GWP_E_BAD_STATE: nothing was added.
    Status try_import_state(std::string_view state, std::size_t &imported, std::uint64_t now_ns = 0) const {
        gwp_error *error = nullptr;
        const gwp_status code =
            gwp_limiter_import(handle_.get(), detail::bytes(state), state.size(), now_ns, &imported, &error);
        return {code, error};
    }
    std::size_t import_state(std::string_view state, std::uint64_t now_ns = 0) const {
        std::size_t imported = 0;
        gwplugins::check(try_import_state(state, imported, now_ns));
        return imported;
    }

    /// What to send to Redis, in the order of EVALSHA: the script's SHA-1, the number of keys, keys, arguments. No
    /// parts: nothing is to be sent, and `read_reply` takes an empty reply.
    Status try_command(const Key &key, const Request &request, std::vector<std::string> &parts) const {
        Bytes bytes;
        parts.clear();
        Status status = bytes.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_limiter_command(handle_.get(), detail::bytes(key.buffer()), key.buffer().size(), key.offsets(),
                                       key.size(), &request, into, error);
        });
        const gwp_finding *part = nullptr;
        std::size_t count = 0;
        gwp_result_findings(bytes.get(), &part, &count, nullptr);
        for (const gwp_finding *const end = part + count; part != end; part++) {
            parts.emplace_back(bytes.view().substr(static_cast<std::size_t>(part->start),
                                                   static_cast<std::size_t>(part->end - part->start)));
        }
        return status;
    }
    std::vector<std::string> command(const Key &key, const Request &request) const {
        std::vector<std::string> parts;
        gwplugins::check(try_command(key, request, parts));
        return parts;
    }

    /// The Lua script of an operation (GWP_REQUEST_...), for a server that answers NOSCRIPT: EVAL with this in place of
    /// the SHA-1. Valid until the limiter is closed. Throws Error.
    std::string_view script(std::uint32_t operation) const {
        gwp_error *error = nullptr;
        const std::uint8_t *text = nullptr;
        std::size_t len = 0;
        const gwp_status code = gwp_limiter_script(handle_.get(), operation, &text, &len, &error);
        gwplugins::check({code, error});
        return detail::view(text, len);
    }

    /// Decides by the reply to the command of a check or a settlement with the same key and request. The reply to a
    /// release or a reset is a number already: GWP_E_UNSUPPORTED.
    Status try_read_reply(const Key &key, const Request &request, const std::vector<std::int64_t> &reply,
                          Decision &decision) const {
        return decided(decision, [&](gwp_decision &raw, gwp_error **error) {
            return gwp_limiter_read_reply(handle_.get(), detail::bytes(key.buffer()), key.buffer().size(),
                                          key.offsets(), key.size(), &request, reply.data(), reply.size(), &raw,
                                          nullptr, 0, error);
        });
    }
    Decision read_reply(const Key &key, const Request &request, const std::vector<std::int64_t> &reply) const {
        Decision decision;
        gwplugins::check(try_read_reply(key, request, reply, decision));
        return decision;
    }

    /// JSON: version, "dimensions" with their windows, limits. Valid until the limiter is closed. Throws Error.
    std::string_view describe() const {
        gwp_error *error = nullptr;
        const std::uint8_t *json = nullptr;
        std::size_t len = 0;
        const gwp_status code = gwp_limiter_describe(handle_.get(), &json, &len, &error);
        gwplugins::check({code, error});
        return detail::view(json, len);
    }

    /// Names of the dimensions, in the order in which a Key brings values. They stay when the limiter is closed, and go
    /// with it when it is moved.
    const std::vector<std::string> &dimensions() const noexcept { return dimensions_; }

    /// Number of keys whose counts are held now. Throws Error.
    std::size_t key_count() const {
        gwp_error *error = nullptr;
        std::size_t count = 0;
        const gwp_status code = gwp_limiter_key_count(handle_.get(), &count, &error);
        gwplugins::check({code, error});
        return count;
    }

    /// Frees the limiter and its counts; may be called again.
    void close() noexcept { handle_.reset(); }

    /// Whether it is open.
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    /// The C handle, NULL when closed; owned by this object.
    const gwp_limiter *get() const noexcept { return handle_.get(); }

private:
    static std::uint32_t flags(const Take &take) noexcept {
        return (take.peek ? GWP_LIMITER_PEEK : 0U) | (take.dry_run ? GWP_LIMITER_DRY_RUN : 0U);
    }

    /// A decision that the library did not come to; one that it came to has a limit, or is of a block list.
    static bool is_zero(const gwp_decision &raw) noexcept { return raw.limit == 0 && raw.flags == 0; }

    Status decide(const Key &key, Decision &decision, const Take &take, gwp_decision *details, std::size_t room) const {
        return decided(decision, [&](gwp_decision &raw, gwp_error **error) {
            return gwp_limiter_check(handle_.get(), detail::bytes(key.buffer()), key.buffer().size(), key.offsets(),
                                     key.size(), take.cost, take.now_ns, flags(take), &raw, details, room, error);
        });
    }

    /// Runs `call(raw, &error)`; a failed call leaves a decision that does not allow.
    template <typename Call>
    Status decided(Decision &decision, Call call) const {
        gwp_error *error = nullptr;
        gwp_decision raw{};
        const gwp_status code = call(raw, &error);
        decision = code == GWP_OK ? told(raw) : Decision();
        return {code, error};
    }

    Decision told(const gwp_decision &raw) const {
        Decision decision;
        decision.allowed = raw.allowed != 0;
        decision.would_refuse = (raw.flags & GWP_DECISION_WOULD_REFUSE) != 0;
        decision.blocked = (raw.flags & GWP_DECISION_BLOCKED) != 0;
        if (raw.dimension < dimensions_.size()) decision.dimension = dimensions_[raw.dimension];
        decision.window = raw.window;
        if (raw.limit != GWP_UNLIMITED) decision.limit = raw.limit;
        if (raw.remaining != GWP_UNLIMITED) decision.remaining = raw.remaining;
        decision.reset = detail::wait(raw.reset_ns);
        if (raw.retry_after_ns != GWP_NEVER) decision.retry_after = detail::wait(raw.retry_after_ns);
        decision.now_ns = raw.now_ns;
        return decision;
    }

    std::unique_ptr<gwp_limiter, detail::Freed<gwp_limiter_free>> handle_;
    std::vector<std::string> dimensions_;
    std::size_t most_windows_ = 0;
};

}  // namespace gwplugins

#endif  // GWPLUGINS_LIMITER_HPP
