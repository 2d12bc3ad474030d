package keyvault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxKeyFile is more than any key needs (241 bytes): a wrong path to a huge file is refused without reading it all.
const maxKeyFile = 4096

// ReadKeyFile reads the private key whose blob is the entire content of the file at path (not PEM, whatever its name).
// The error wraps fs.ErrNotExist and the like, ErrPermissions when group or others may access the file, or ErrMalformed.
func ReadKeyFile(path string) (PrivateKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("read key file: %w", err)
	}
	defer f.Close()
	if err := checkKeyFile(f, path); err != nil {
		return PrivateKey{}, err
	}
	blob, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return PrivateKey{}, fmt.Errorf("read key file: %w", err)
	}
	if len(blob) > maxKeyFile {
		return PrivateKey{}, fmt.Errorf("read key file %s: %w: more than %d bytes", path, ErrMalformed, maxKeyFile)
	}
	key, err := ParsePrivateKey(blob)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("read key file %s: %w", path, err)
	}
	return key, nil
}

// checkKeyFile looks at the opened file, not at the path again, so that the file checked is the file read.
func checkKeyFile(f *os.File, path string) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("read key file %s: not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("read key file %s: %w (mode %04o): run chmod 600 %[1]s", path, ErrPermissions, mode)
	}
	return nil
}

// WriteKeyFile writes key to a new file at path with mode 0600. It never overwrites: an existing file is an error wrapping
// fs.ErrExist. The file appears complete or not at all (it is written aside and linked into place).
func WriteKeyFile(path string, key PrivateKey) error {
	if key.IsZero() {
		return fmt.Errorf("write key file %s: %w: no key", path, ErrMalformed)
	}
	temp, err := writeTemp(filepath.Dir(path), key.Bytes())
	if err != nil {
		return fmt.Errorf("write key file %s: %w", path, err)
	}
	defer os.Remove(temp)
	if err := os.Link(temp, path); err != nil {
		return fmt.Errorf("write key file %s: %w", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// writeTemp writes blob to a new file in dir, which os.CreateTemp makes with mode 0600, and returns its name.
func writeTemp(dir string, blob []byte) (string, error) {
	f, err := os.CreateTemp(dir, ".key-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(blob)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// syncDir makes a new directory entry survive a power failure.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// LoadOrCreate reads the key file at path, or, if there is none, generates a curve25519 key from random (nil means
// crypto/rand) and writes it there. Of two processes that start at once one creates and the other reads.
func LoadOrCreate(path string, random io.Reader) (key PrivateKey, created bool, err error) {
	key, err = ReadKeyFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, false, err
	}
	if key, err = GenerateKey(random); err != nil {
		return PrivateKey{}, false, err
	}
	err = WriteKeyFile(path, key)
	if errors.Is(err, fs.ErrExist) {
		key, err = ReadKeyFile(path)
		return key, false, err
	}
	if err != nil {
		return PrivateKey{}, false, err
	}
	return key, true, nil
}
