package main

import "reflect"

// all are the types to try. It is empty here: the test that builds this program
// replaces this file by one with all types in the syntax trees of the public
// packages.
var all []reflect.Type
