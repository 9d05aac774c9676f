// Faults that the sanitizers must catch; else they are not on.
#include <memory>
#include <string>
#include <thread>

int main(int argc, char **argv) {
    const std::string fault = argc > 1 ? argv[1] : "";
    if (fault == "use after free") {
        auto owner = std::make_unique<int>(argc);
        volatile int *stale = owner.get();
        owner.reset();
        return *stale == 7;
    }
    int shared = 0;
    std::thread other([&shared] { shared++; });
    shared++;
    other.join();
    return shared == 7;
}
