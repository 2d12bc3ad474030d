//go:build race

package engine

// raceDetector tells that the test binary is built with -race.
const raceDetector = true
