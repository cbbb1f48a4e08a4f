package recipients_test

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
)

// The tables must agree with the library on every input. An ordinary run looks
// at some three hundred thousand; FROMLINE_LONG=1 looks at more than twenty
// million, ten of them mutations. The seed is printed, and FROMLINE_SEED
// repeats a run.

func long() bool { return os.Getenv("FROMLINE_LONG") == "1" }

func seed(t testing.TB) uint64 {
	t.Helper()
	chosen := rand.Uint64()
	if text := os.Getenv("FROMLINE_SEED"); text != "" {
		given, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
		chosen = given
	}
	t.Logf("FROMLINE_SEED=%d", chosen)
	return chosen
}

// A comparison counts inputs and reports the first differences.
type comparison struct {
	t        *testing.T
	inputs   atomic.Int64
	accepted atomic.Int64
	failures atomic.Int64
}

func (c *comparison) check(s string) {
	c.inputs.Add(1)
	for _, strength := range []recipients.Strength{recipients.Possible, recipients.Valid} {
		want, got := oracle(s, strength), accepts(s, strength)
		if got {
			c.accepted.Add(1)
		}
		if want != got && c.failures.Add(1) <= 50 {
			c.t.Errorf("strength %d: %s: the library says %t, the tables say %t", strength, s, want, got)
		}
		if !want && strength == recipients.Possible && !got {
			return // what is not possible is not valid, on either side
		}
	}
}

// each runs work on all calling codes, on all processors.
func (c *comparison) each(work func(code string, random *rand.Rand), seed uint64) {
	codes := slices.Sorted(maps.Keys(phonenumbers.GetSupportedCallingCodes()))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(codes); i = next.Add(1) - 1 {
				code := strconv.Itoa(codes[i])
				source := fnv.New64a()
				source.Write([]byte(code))
				work(code, rand.New(rand.NewPCG(seed, source.Sum64())))
			}
		})
	}
	workers.Wait()
	c.t.Logf("%d inputs, accepted %d times, %d differences", c.inputs.Load(), c.accepted.Load(), c.failures.Load())
}

func randomDigits(random *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(random.IntN(10))
	}
	return string(b)
}

// examples returns, for one calling code, the example numbers of every region
// and type, in E.164.
func examples(code string) []string {
	var all []string
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		panic(err)
	}
	for _, m := range collection.GetMetadata() {
		if strconv.Itoa(int(m.GetCountryCode())) != code {
			continue
		}
		for _, d := range []*phonenumbers.PhoneNumberDesc{
			m.GetGeneralDesc(), m.GetFixedLine(), m.GetMobile(), m.GetTollFree(), m.GetPremiumRate(), m.GetSharedCost(),
			m.GetPersonalNumber(), m.GetVoip(), m.GetPager(), m.GetUan(), m.GetEmergency(), m.GetVoicemail(),
			m.GetShortCode(), m.GetStandardRate(), m.GetCarrierSpecific(), m.GetSmsServices(), m.GetNoInternationalDialling(),
		} {
			if d.GetExampleNumber() != "" {
				all = append(all, "+"+code+d.GetExampleNumber())
			}
		}
	}
	slices.SortFunc(all, cmp.Compare[string])
	return slices.Compact(all)
}

// trunks returns what people dial before national numbers: the trunk digits of
// the regions of a code, zeros, and beginnings of carrier codes.
func trunks(code string) []string {
	all := []string{"0", "00", "000", "0000", "1", "8", "06", "15", "180020", "0080", "19", "183", "80", "90"}
	number, _ := strconv.Atoi(code)
	for _, region := range phonenumbers.GetRegionCodesForCountryCode(number) {
		if trunk := phonenumbers.GetNddPrefixForRegion(region, true); trunk != "" {
			all = append(all, trunk, trunk+trunk)
		}
	}
	return all
}

func TestExampleNumbersAgree(t *testing.T) {
	t.Parallel()
	c := comparison{t: t}
	c.each(func(code string, random *rand.Rand) {
		for _, s := range examples(code) {
			c.check(s)
			national := s[1+len(code):]
			for _, trunk := range trunks(code) {
				c.check("+" + code + trunk + national)
			}
			for n := range len(national) {
				c.check(s[:len(s)-n])
			}
			for n := range 4 {
				c.check(s + randomDigits(random, n))
			}
			if testing.Short() {
				continue
			}
			for i := range national {
				for d := range 10 {
					if long() || random.IntN(5) == 0 {
						c.check("+" + code + national[:i] + strconv.Itoa(d) + national[i+1:])
					}
				}
			}
		}
	}, seed(t))
}

func TestPrefixesAndLengthsAgree(t *testing.T) {
	t.Parallel()
	c := comparison{t: t}
	// Of the longest prefixes, each gets one length in so many.
	depth, longest, sparse := 2, 15, 3
	switch {
	case long():
		depth, longest, sparse = 4, 17, 5
	case testing.Short():
		depth = 1
	}
	c.each(func(code string, random *rand.Rand) {
		c.check("+" + code)
		for n := 1; n <= depth; n++ {
			for prefix := range pow10(n) {
				text := fmt.Sprintf("+%s%0*d", code, n, prefix)
				for length := n; length <= longest; length++ {
					if n == depth && (prefix+length)%sparse > 0 {
						continue
					}
					c.check(text + randomDigits(random, length-n))
				}
			}
		}
	}, seed(t))
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

func TestMutationsAgree(t *testing.T) {
	t.Parallel()
	c := comparison{t: t}
	perCode := 300
	switch {
	case long():
		perCode = 48_000
	case testing.Short():
		perCode = 100
	}
	c.each(func(code string, random *rand.Rand) {
		from := examples(code)
		for range perCode {
			c.check(mutate(random, from[random.IntN(len(from))], trunks(code)))
		}
	}, seed(t))
}

// mutate makes a few changes that people and programs make to numbers.
func mutate(random *rand.Rand, s string, trunks []string) string {
	for range 1 + random.IntN(4) {
		i := 1 + random.IntN(len(s))
		switch random.IntN(10) {
		case 0, 1, 2, 3: // another digit
			if i < len(s) {
				s = s[:i] + randomDigits(random, 1) + s[i+1:]
			}
		case 4: // one more
			s = s[:i] + randomDigits(random, 1) + s[i:]
		case 5: // one less
			if i < len(s) && len(s) > 2 {
				s = s[:i] + s[i+1:]
			}
		case 6: // something dialled, near the beginning
			i = 1 + random.IntN(min(5, len(s)))
			s = s[:i] + trunks[random.IntN(len(trunks))] + s[i:]
		case 7: // two exchanged
			if i+1 < len(s) {
				s = s[:i] + s[i+1:i+2] + s[i:i+1] + s[i+2:]
			}
		case 8: // a rest of any length
			s = s[:i] + randomDigits(random, random.IntN(12))
		case 9: // rarely, something that is no digit
			if random.IntN(20) == 0 {
				const odd = " -().x+;/٣é"
				at := random.IntN(len(odd))
				s = s[:i] + strings.ToValidUTF8(odd[at:at+1], "") + s[i:]
			}
		}
	}
	return s
}
