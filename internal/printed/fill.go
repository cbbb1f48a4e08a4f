package main

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/fromline/fromline/recipients"
)

// The contents of filled values: people and keys, which must not be printed,
// and a line of ours, which may be.
var (
	person = recipients.MustParse("+12025550143")
	mail   = recipients.MustParse("ann.quick@example.com")
	line   = recipients.MustParse("+14155550163")
)

const idempotencyKey = "secret-idempotency-key"

func people() recipients.Set {
	set, err := recipients.NewSet(person, mail)
	if err != nil {
		panic(err)
	}
	return set
}

type secret struct{ name, text string }

// secrets are the forms in which a handle or a key may be printed.
func secrets() []secret {
	key := people().Key().Bytes()
	return []secret{
		{"a phone number", person.String()[1:]},
		{"a phone number", fmt.Sprintf("%#x", person.Digits())},
		{"an email address", "ann.quick"},
		{"an idempotency key", idempotencyKey},
		{"the key of a set", hex.EncodeToString(key[:4])},
		{"the key of a set", strings.Trim(fmt.Sprint(key[:4]), "[]")},
		{"the key of a set", strings.TrimSuffix(fmt.Sprintf("%#v", key[:4])[len("[]byte{"):], "}")},
	}
}

// ours are the names of fields with numbers of our own lines.
var ours = map[string]bool{"Line": true, "Lines": true, "Number": true, "From": true, "ExcludeFrom": true, "Excluded": true, "Leaves": true, "Only": true}

// keys are the names of fields with idempotency keys.
var keys = map[string]bool{"Key": true, "IdempotencyKey": true, "HeaderKey": true}

// written are the names of fields with handles as text.
var written = map[string]bool{"To": true, "Handle": true, "Mention": true, "Handles": true, "Participants": true}

// filler fills values through their exported fields.
type filler struct {
	missing []string // types that cannot be filled
	holds   bool     // a filled value holds a handle or a key
}

// fill fills the value of a field of that name.
func (f *filler) fill(v reflect.Value, name string, depth int) {
	if made, is := make1(v.Type(), name); is {
		v.Set(made)
		f.holds = f.holds || ofPeople[v.Type()] && !ours[name]
		return
	}
	if depth > 12 {
		return // a recursive type
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text(name))
		f.holds = f.holds || keys[name] || written[name]
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), name, depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), name, depth+1)
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), name, depth+1)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key, name, depth+1)
		f.fill(value, name, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		f.fields(v, depth)
	}
}

func (f *filler) fields(v reflect.Value, depth int) {
	exported := 0
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			exported++
			f.fill(v.Field(i), field.Name, depth+1)
		}
	}
	_, isLive := live[v.Type()]
	if exported == 0 && v.NumField() > 0 && !impersonal[v.Type()] && !isLive && strings.HasPrefix(v.Type().PkgPath(), module) {
		f.missing = append(f.missing, v.Type().String())
	}
}

const module = "github.com/fromline/fromline"

func text(name string) string {
	switch {
	case keys[name]:
		return idempotencyKey
	case written[name]:
		return person.String()
	case ours[name]:
		return line.String()
	}
	return "text"
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
