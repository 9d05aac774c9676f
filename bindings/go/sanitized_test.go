//go:build race || asan

package gwplugins

// sanitized tells whether a sanitizer is at work: it allocates, keeps memory, and makes sync.Pool drop things.
const sanitized = true
