package main

import "reflect"

// all are the types to be tried. It is empty here: the test that builds this
// program puts a file in the place of this one, with all that the syntax trees of
// the public packages have.
var all []reflect.Type
