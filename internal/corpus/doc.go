// Package corpus holds the seeds of the fuzz targets of requests, so that other
// tests can send them over a socket: bodies that cannot be decoded, bodies that
// can and are mostly wrong, and those that the fuzzer has found on this
// machine.
//
// It judges nothing: the tests of message and validate state the answer to each
// body.
package corpus
