package main

// heapReserve is how many bytes of the heap a server sets aside and never touches.
const heapReserve = 64 << 20

// reserveHeap returns memory that is to be kept alive while the server runs. It is
// never written to, so the machine never gives it; the collector counts it, and
// waits for as much garbage as it and all that is in use take together. A server
// that keeps its chats in a database has little in use, and would collect dozens of
// times a second under load. The process takes about 130 MB more for that. Where the
// environment says how to collect, it decides alone.
func reserveHeap(getenv func(string) string) []byte {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return nil
	}
	return make([]byte, heapReserve)
}
