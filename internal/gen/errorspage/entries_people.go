package main

import (
	"fmt"
	"strings"
)

// people are the rules of recipients.
var people = []entry{
	{rule: "to.distinct", cause: "The request names more than 31 different people.",
		mend: "Name fewer people. Several requests reach more people, each in a chat of its own.", wrong: to(crowd(32)), right: to(crowd(31))},
	{rule: "exclude_from.phone", cause: "The entry of `exclude_from` has an @, as an email address has. Lines are phone numbers.",
		mend: "Give the phone number of the line, as GET /v3/phone_numbers lists it.", wrong: request(`"exclude_from": ["ann@example.com"]`), right: request(`"exclude_from": ["+12025550101"]`)},

	{rule: "phone.empty", cause: "The text is empty.", mend: "Leave the entry out.", wrong: to(`["+14155559876", ""]`), right: to(`["+14155559876"]`)},
	{rule: "phone.plus", cause: "The text does not begin with +. It may be a number as people dial it in its own country.",
		mend: "Write + and the calling code of the country before the number. A program that embeds fromline can read national numbers with the package recipients/national.", wrong: to(`["4155559876"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.extension", cause: "The number has an extension, which no message reaches.", mend: "Leave the extension out, if the number takes messages.", wrong: to(`["+14155559876x12"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.letter", cause: "The number has a letter in it.", mend: "Write digits only. fromline does not read vanity numbers.", wrong: to(`["+1415555TAXI"]`), right: to(`["+14155558294"]`)},
	{rule: "phone.space", cause: "The number has white space in it, before it or after it.", mend: "Remove it.", wrong: to(`["+1 415 555 9876"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.punctuation", cause: "The number has dashes, brackets or dots in it.", mend: "Remove them.", wrong: to(`["+1-415-555-9876"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.invisible", cause: "The number has a character that does not show. Address books add marks of direction when people copy a number.",
		mend: "Remove it.", wrong: to(`["\u202d+14155559876\u202c"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.prefix", cause: "The name of a channel or a scheme stands before the number, such as sms:.", mend: "Send the number alone. `preferred_service` names the service.", wrong: to(`["sms:+14155559876"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.digit", cause: "The number has digits of another script than 0 to 9.", mend: "Write the digits 0 to 9.", wrong: to(`["+1415555987\u0666"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.character", cause: "The number has a character that is not a digit.", mend: "Write + once, and then digits only.", wrong: to(`["++14155559876"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.zero", cause: "A 0 follows the +. No calling code begins with 0.", mend: "Write the calling code right after the +, without 00.", wrong: to(`["+00442071838750"]`), right: to(`["+442071838750"]`)},
	{rule: "phone.code", cause: "No country or network has the calling code with which the number begins.", mend: "Check the digits after the +.", wrong: to(`["+2105551234567"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.trunk", cause: "After the calling code comes the digit that people dial inside the country, often a 0.",
		mend: "Leave that digit out. `nearest` is the number without it.", wrong: to(`["+4402071838750"]`), right: to(`["+442071838750"]`)},
	{rule: "phone.short", cause: "The number has fewer digits than any number under its calling code.", mend: "Write the whole number, with its area code.", wrong: to(`["+15559876"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.long", cause: "The number has more digits than any number under its calling code.", mend: "Remove the digits that do not belong to the number.", wrong: to(`["+1415555987600"]`), right: to(`["+14155559876"]`)},
	{rule: "phone.length", cause: "Under this calling code there are shorter and longer numbers, but none with this many digits.", mend: "Check the number.", wrong: to(`["+3761234567"]`), right: to(`["+376312345"]`)},
	{rule: "phone.canonical", cause: "The number has a prefix that people dial inside the country, such as the code of a carrier.",
		mend: "Write the number as it is dialled from abroad.", wrong: to(`["+352150000000"]`), right: to(`["+352621123456"]`)},
	{rule: "phone.unassigned", cause: "The number is in no range that is in use.",
		mend: "Check the number. New ranges come into use all the time. A server with the strength Possible, which is the default, does not check this.", wrong: to(`["+15551234567"]`), right: to(`["+14155559876"]`),
		note: "on a server that reads numbers with the strength Valid", server: valid},
	{rule: "phone.national", cause: "The server reads numbers of one country, and cannot read this text as one.",
		mend: "Write the number as people dial it in that country, or with + and the calling code.", wrong: to(`["()"]`), right: to(`["(415) 555-2671"]`),
		note: "on a server that reads numbers of the US", server: national},

	{rule: "email.at", cause: "The address has more than one @.", mend: "Write one address in each entry.", wrong: to(`["ann@bob@example.com"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.utf8", cause: "The address has the character U+FFFD. A program put it in place of bytes that it could not read.", mend: "Read the address again from its source.", wrong: to(`["ann\ufffd@example.com"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.empty", cause: "Nothing stands before the @, or nothing after it.", mend: "Write the whole address.", wrong: to(`["@example.com"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.form", cause: "The address has a display name, quotes or a comment around it.", mend: "Send the address alone.", wrong: to(`["Ann <ann@example.com>"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.literal", cause: "A network address stands after the @ in place of a domain.", mend: "Write a domain.", wrong: to(`["ann@[127.0.0.1]"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.space", cause: "The address has white space in it, before it or after it.", mend: "Remove it.", wrong: to(`["ann@example.com "]`), right: to(`["ann@example.com"]`)},
	{rule: "email.invisible", cause: "The address has a character that does not show.", mend: "Remove it.", wrong: to(`["ann\u0007@example.com"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.character", cause: "The address has a character that is not allowed at its place.", mend: "Remove the character. Do not put mailto: in front.", wrong: to(`["mailto:ann@example.com"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.unassigned", cause: "The address has a character that Unicode 15.0 does not know.", mend: "Check the address, and leave that character out.", wrong: to(`["\u0378@example.com"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.marks", cause: "More than thirty combining marks stand in a row.", mend: "Check the address: no real one has so many.", wrong: to(`["a‹\u0301×31›@example.com"]`), right: to(`["á@example.com"]`)},
	{rule: "email.dot", cause: "A dot stands first or last before the @ or after it, or two dots stand next to each other.", mend: "Remove the dot that is too many.", wrong: to(`["ann.@example.com"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.local-long", cause: "More than 64 bytes stand before the @.", mend: "Check the address for text that does not belong to it.", wrong: to(`["‹a×65›@example.com"]`), right: to(`["‹a×64›@example.com"]`)},
	{rule: "email.long", cause: "The address has more than 254 bytes.", mend: "Check the address for text that does not belong to it.", wrong: to(`["ann@‹a×63›.‹b×63›.‹c×63›.‹d×55›.com"]`), right: to(`["ann@‹a×63›.‹b×63›.‹c×63›.‹d×54›.com"]`)},
	{rule: "email.label", cause: "A part of the domain has more than 63 bytes, or a hyphen where none may stand.", mend: "Check what stands after the @.", wrong: to(`["ann@-example.com"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.domain", cause: "The domain has no dot.", mend: "Write the whole domain, such as example.com.", wrong: to(`["ann@example"]`), right: to(`["ann@example.com"]`)},
	{rule: "email.idna", cause: "The rules for international domain names (UTS 46) do not allow the domain.", mend: "Check what stands after the @.", wrong: to(`["ann@xn--a.com"]`), right: to(`["ann@bücher.example"]`)},
}

// crowd is a list of n people.
func crowd(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`"+141555501%02d"`, i))
	}
	return "[" + strings.Join(list, ", ") + "]"
}
