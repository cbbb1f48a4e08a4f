// Package imagecheck checks the image of an app card. [New] makes a [Checker],
// a validate.ImageChecker that fetches the URL and says whether an image is
// there.
//
// The URL comes from outside, so the fetch is bounded. It uses https on port
// 443 only, without cookies, credentials or a referrer, and connects directly
// or by Options.Dial, never through a proxy of the environment. It refuses
// addresses outside of the public internet when it dials them, after names were
// resolved, so that neither a redirect nor a name that changes its address
// leads inside: private, loopback, link-local, shared and reserved ranges, and
// the metadata services of clouds, among them 168.63.129.16, which looks
// public. Time, size, redirects and the number of fetches at once per tenant
// have bounds. Nothing is decompressed. Only the first bytes of a file are
// examined, and no error shows them, or any address that a name led to.
//
// A file must have at least the first part that its kind begins with. A JPEG of
// three bytes, which has the mark of a JPEG and nothing else, is no image.
//
// Verdicts are remembered per tenant, so that no tenant can find out what
// another one has asked for.
//
// It does not decode, store or host images, and does not judge what they show.
package imagecheck
