package main

// helpers is what the mutants of a package call.
const helpers = `
import (
	"os"
	"strconv"
	"sync/atomic"
)

var (
	mutantOn    = func() int { n, _ := strconv.Atoi(os.Getenv("MUTANT")); return n }()
	mutantsFile = os.Getenv("MUTANTS_REACHED")
	mutantsMet  [1 << 16]atomic.Bool
)

// mutantMet notes in a file, if one is wanted, which mutants would have been
// run.
func mutantMet(number int) {
	if mutantsFile == "" || mutantsMet[number].Load() || mutantsMet[number].Swap(true) {
		return
	}
	if f, err := os.OpenFile(mutantsFile, os.O_APPEND|os.O_WRONLY, 0); err == nil {
		_, _ = f.WriteString(strconv.Itoa(number) + "\n")
		_ = f.Close()
	}
}

func mutantIs(number int) bool {
	mutantMet(number)
	return number == mutantOn
}

type mutantInteger interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

type mutantNumber interface{ mutantInteger | ~float32 | ~float64 }

type mutantOrdered interface{ mutantNumber | ~string }

func mutantLess[T mutantOrdered](boundary, negation int, a, b T) bool {
	mutantMet(boundary)
	mutantMet(negation)
	switch mutantOn {
	case boundary:
		return a <= b
	case negation:
		return a >= b
	}
	return a < b
}

func mutantAtMost[T mutantOrdered](boundary, negation int, a, b T) bool {
	mutantMet(boundary)
	mutantMet(negation)
	switch mutantOn {
	case boundary:
		return a < b
	case negation:
		return a > b
	}
	return a <= b
}

func mutantMore[T mutantOrdered](boundary, negation int, a, b T) bool {
	mutantMet(boundary)
	mutantMet(negation)
	switch mutantOn {
	case boundary:
		return a >= b
	case negation:
		return a <= b
	}
	return a > b
}

func mutantAtLeast[T mutantOrdered](boundary, negation int, a, b T) bool {
	mutantMet(boundary)
	mutantMet(negation)
	switch mutantOn {
	case boundary:
		return a > b
	case negation:
		return a < b
	}
	return a >= b
}

func mutantAdd[T mutantNumber](number int, a, b T) T {
	if mutantIs(number) {
		return a - b
	}
	return a + b
}

func mutantSub[T mutantNumber](number int, a, b T) T {
	if mutantIs(number) {
		return a + b
	}
	return a - b
}

func mutantMul[T mutantNumber](number int, a, b T) T {
	if mutantIs(number) {
		return a / b
	}
	return a * b
}

func mutantQuo[T mutantNumber](number int, a, b T) T {
	if mutantIs(number) {
		return a * b
	}
	return a / b
}

func mutantRem[T mutantInteger](number int, a, b T) T {
	if mutantIs(number) {
		return a * b
	}
	return a % b
}

func mutantNeg[T mutantNumber](number int, a T) T {
	if mutantIs(number) {
		return a
	}
	return -a
}

func mutantOne[T mutantNumber](number int, _ T) T {
	one := T(1)
	if mutantIs(number) {
		return -one
	}
	return one
}
`
