//go:build !race

package gwplugins

const raceDetector = false
