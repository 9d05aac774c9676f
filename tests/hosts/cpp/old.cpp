// With a library of ABI 1.0 guards work, and limiters and codecs say what is missing.
#include <gwplugins.hpp>

#include "require.hpp"

namespace {

using namespace gwplugins;

bool says(const Error &error, std::string_view version) {
    return error.code() == GWP_E_UNSUPPORTED && std::string_view(error.what()).find(version) != std::string_view::npos;
}

void guards() { REQUIRE(Guard("pii_filter").rewrite("SSN 123-45-6789").output() == "SSN [REDACTED]"); }

void limiters() {
    Limiter limiter;
    REQUIRE(says(thrown([] { Limiter("{}"); }), "ABI 1.1") && !Limiter::try_open(limiter, "{}") && !limiter);
    REQUIRE(says(thrown([] { limiter_schema(); }), "ABI 1.1"));
}

void codecs_are_missing() {
    REQUIRE(codecs().empty() && says(thrown([] { Codec("gzip"); }), "ABI 1.2"));
    REQUIRE(says(thrown([] { codec_schema(); }), "ABI 1.2") && says(thrown([] { choose_codec("x"); }), "ABI 1.2"));
    REQUIRE(says(thrown([] { train_dictionary({"x"}, 1000); }), "ABI 1.2"));
}

}  // namespace

int main() { return run_tests({guards, limiters, codecs_are_missing}); }
