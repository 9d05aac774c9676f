/* Loaded before libgwplugins, it makes that tell of ABI 1.0 only, as a library without limiters and codecs does. */
#include <gwplugins.h>

int32_t gwp_abi_supports(uint32_t major, uint32_t minor) { return major == GWP_ABI_MAJOR && minor == 0; }
