// Package config is the settings of the program: one table ([Settings]) from
// which come the flags, the environment variables, the keys of the file, the
// commented file of `config init` and what the help says.
//
// A setting's value comes from a flag, else from the environment
// (PEERSCOPE_PING_INTERVAL for --ping-interval), else from the YAML file, else
// from its default; koanf lays these layers over each other, and every value
// keeps its origin. Nothing is guessed: an unknown key names the nearest known
// one, and each mistake is reported with its file and line, all of them at once.
//
// The package reads the file and nothing else of the machine: the environment
// and the flags are handed in. What a value means (opening a socket, resolving
// a name, reading a key) is for those who use it.
package config
