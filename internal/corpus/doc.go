// Package corpus has what the fuzz targets of requests begin with, so that other tests can send the same over a socket: bodies that cannot be decoded, bodies
// that can and are mostly wrong, and what the fuzzer has found on this machine.
//
// It judges nothing; the tests of message and validate say what becomes of each body.
package corpus
