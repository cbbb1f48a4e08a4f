// Package imagecheck looks at the image of an app card: [New] makes a [Checker], which is a validate.ImageChecker that fetches the URL and says whether an image
// is there.
//
// The URL comes from outside, so everything about the fetch is bounded. It goes over https to port 443 only, directly, or as Options.Dial connects, and never through a proxy of the
// environment, without cookies, credentials or a referrer. Addresses that are not of the public internet are refused when they are dialled, after names have
// been resolved, so that neither a redirect nor a name that changes its address leads inside: private, loopback, link-local, shared and reserved ranges, and
// the metadata services of clouds, among them 168.63.129.16, which looks public. Time, size, redirects and the number of fetches at once per tenant have bounds.
// Nothing is decompressed. What is fetched is looked at in its first bytes only, and no error shows it, nor any address that a name led to.
//
// Verdicts are remembered per tenant, so that no tenant can tell what another one has asked for.
//
// It does not decode images, does not store or re-host them, and does not judge what they show.
package imagecheck
