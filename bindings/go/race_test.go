//go:build race

package gwplugins

// raceDetector allocates, and makes sync.Pool drop what it is given.
const raceDetector = true
