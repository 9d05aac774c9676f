//go:build !race && !asan

package gwplugins

const sanitized = false
