// Package absent finds interfaces that hold a nil pointer: they compare unequal
// to nil, and panic when they are used. The packages of this module use it for
// the parts that a caller gives them.
package absent

import (
	"fmt"
	"reflect"
)

// Is reports whether v is nil, or an interface that holds a nil pointer or
// function. It is false for a nil map, which is a map without elements. It is
// safe for concurrent use.
func Is(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func:
		return r.IsNil()
	}
	return false
}

// Fields returns an error for each exported interface field of a struct, and of
// the structs in it, that holds a nil pointer or function. A nil interface is
// no error. It is safe for concurrent use.
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
