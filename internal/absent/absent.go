// Package absent finds values that look like something and are nothing: interfaces
// that hold a nil pointer, which compare unequal to nil and panic when they are used.
// It is for the packages of this module that are given parts.
package absent

import (
	"fmt"
	"reflect"
)

// Is reports whether v is nil, or an interface that holds a nil pointer or function.
// A nil map is a map without elements, and no fault. It is safe for concurrent use.
func Is(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func:
		return r.IsNil()
	}
	return false
}

// Fields returns an error for each exported field of a struct, and of the structs in
// it, that is an interface and holds a nil pointer or function. A field that is
// nothing at all is none of them. It is safe for concurrent use.
func Fields(options any) []error { return fields(reflect.ValueOf(options), "") }

func fields(v reflect.Value, within string) (errs []error) {
	for i := range v.NumField() {
		field, at := v.Field(i), within+v.Type().Field(i).Name
		switch {
		case !v.Type().Field(i).IsExported():
		case field.Kind() == reflect.Struct:
			errs = append(errs, fields(field, at+".")...)
		case field.Kind() == reflect.Interface && !field.IsNil() && Is(field.Interface()):
			errs = append(errs, fmt.Errorf("%s is a nil %s: leave it out, or give one that was made", at, field.Elem().Type()))
		}
	}
	return errs
}
