package recipients

// CallingCode returns the country calling code of a phone number, such as 1 or
// 44 or 352, and 0 unless h is a phone number of an assigned code.
func (h Handle) CallingCode() int {
	d := h.digits
	if d == 0 {
		return 0
	}
	for d >= 1000 {
		d /= 10
	}
	switch {
	case d >= 100 && d/100 == 1:
		return 1
	case d >= 100 && d/100 == 7:
		return 7
	}
	for d >= 100 {
		d /= 10
	}
	return int(d)
}

// AreaCode returns the three digits after +1 of a number of the North American
// numbering plan, such as 415, and 0 for every other handle.
func (h Handle) AreaCode() int {
	d := h.digits
	for d >= 10_000 {
		d /= 10
	}
	if d/1000 != 1 {
		return 0
	}
	return int(d % 1000)
}
