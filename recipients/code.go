package recipients

import "math/bits"

// A numberingPlan is what is known of one calling code besides its numbers.
type numberingPlan struct {
	code    uint16 // the calling code; 0 in the plan that stands for none
	lengths uint16 // bit n: some possible number has n digits after the code
	trunk   string // digits dialled before a number inside the country only
	country Country
	starts  uint16 // where several countries share the code, their part of
	ends    uint16 // countryStarts; else both 0
}

// CallingCode returns the country calling code of a phone number, such as 1, 44
// or 352, and 0 unless h is a phone number of an assigned code. Which codes are
// assigned is taken from the numbering plans of [MetadataVersion].
func (h Handle) CallingCode() int { return int(h.plan().code) }

// plan returns the numbering plan of a phone number, the empty one if there is
// none.
func (h Handle) plan() *numberingPlan {
	first, length := h.firstDigits(3)
	plan := &numberingPlans[planOf[first]]
	if length < 3 && plan.code >= 100 { // a code longer than the number
		return &numberingPlans[0]
	}
	return plan
}

// AreaCode returns the three digits after +1 of a phone number, such as 415,
// and 0 for every other handle.
func (h Handle) AreaCode() int {
	first, length := h.firstDigits(4)
	if length < 4 || first/1000 != 1 {
		return 0
	}
	return int(first % 1000)
}

// firstDigits returns the first n digits of a phone number, filled up with
// zeros, and how many digits it has.
func (h Handle) firstDigits(n int) (first uint64, length int) {
	// 1233/4096 is log₁₀ 2, closely enough for 64 bits.
	length = bits.Len64(h.digits) * 1233 >> 12
	if h.digits >= powersOfTen[length] {
		length++
	}
	if length < n {
		return h.digits * powersOfTen[n-length], length
	}
	return h.digits / powersOfTen[length-n], length
}

var powersOfTen = [maxText]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}
