package line

import (
	"database/sql/driver"
	"fmt"
)

// unsaid is what people read of a fact that was never said.
const unsaid = "unsaid"

// fact is a small enumeration whose zero value means that nothing was said.
type fact interface {
	~uint8
	fmt.Stringer
	IsValid() bool
}

func textOf[F fact](f F) ([]byte, error) {
	switch {
	case f == 0:
		return nil, nil
	case f.IsValid():
		return []byte(f.String()), nil
	}
	return nil, fmt.Errorf("line: %v has no text form", f)
}

func readText[F fact](f *F, text []byte, parse func(string) (F, error)) error {
	if len(text) == 0 {
		*f = 0
		return nil
	}
	parsed, err := parse(string(text))
	if err == nil {
		*f = parsed
	}
	return err
}

func valueOf[F fact](f F) (driver.Value, error) {
	text, err := textOf(f)
	if err != nil || text == nil {
		return nil, err
	}
	return string(text), nil
}

func scan[F fact](f *F, src any, parse func(string) (F, error)) error {
	switch src := src.(type) {
	case nil:
		*f = 0
		return nil
	case string:
		return readText(f, []byte(src), parse)
	case []byte:
		return readText(f, src, parse)
	}
	return fmt.Errorf("line: a %T cannot be read as a %T", src, *f)
}
