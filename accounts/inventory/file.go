package inventory

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// File is an accounts file that is watched by polling. It is not safe for concurrent use.
type File struct {
	path   string
	good   Config   // the last one that could be read
	watch  []string // the file, and what it reads
	stamps []stamp
	sum    [sha256.Size]byte
	failed bool // the last attempt to read it
}

// stamp tells cheaply that a file may have changed. The mode counts, because a chmod can be the remedy for an error.
type stamp struct {
	path  string
	mtime time.Time
	size  int64
	mode  fs.FileMode
}

// NewFile returns the file at path without reading it.
func NewFile(path string) *File { return &File{path: path} }

// Path returns the file's path.
func (f *File) Path() string { return f.path }

// Config returns the last configuration that could be read.
func (f *File) Config() Config { return f.good }

// Load reads the file. A file that spells out a secret and can be read by group or others is refused.
func (f *File) Load() (Config, error) {
	cfg, err := readConfig(f.path)
	f.failed = err != nil
	f.watch = append([]string{f.path}, cfg.reads...) // also when it failed: what it lacked may turn up
	if err == nil {
		f.good = cfg
	}
	f.stamps, f.sum = stampFiles(f.watch), sumFiles(f.watch)
	return f.good, err
}

// Poll loads the file again if it, or a file that it reads, has changed. It returns the last good configuration, and
// whether that is a new one; an error is returned once, until the next change.
func (f *File) Poll() (cfg Config, changed bool, err error) {
	stamps := stampFiles(f.watch)
	if f.watch != nil && slices.Equal(stamps, f.stamps) {
		return f.good, false, nil
	}
	if f.watch != nil && !f.failed && sumFiles(f.watch) == f.sum && checkMode(f.path, f.good) == nil {
		f.stamps = stamps
		return f.good, false, nil
	}
	cfg, err = f.Load()
	return cfg, err == nil, err
}

// readConfig returns, beside an error, at least the names of the files that were read.
func readConfig(path string) (Config, error) {
	src, err := readBounded(path)
	if err != nil {
		return Config{}, fmt.Errorf("reading accounts file: %w", err)
	}
	cfg, err := decodeHCL(path, src)
	if err != nil {
		return Config{reads: cfg.reads}, err
	}
	return cfg, checkMode(path, cfg)
}

// checkMode refuses a file with a literal secret that others can read, as ssh does with its keys.
func checkMode(path string, cfg Config) error {
	if len(cfg.literals) == 0 || runtime.GOOS == "windows" {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("reading accounts file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("reading accounts file: %s holds a secret (%s) and can be read by others (mode %04o); run chmod 600 %s, or use env() or file()",
			path, strings.Join(cfg.literals, ", "), info.Mode().Perm(), path)
	}
	return nil
}

func stampFiles(paths []string) []stamp {
	out := make([]stamp, len(paths))
	for i, p := range paths {
		out[i].path = p
		if info, err := os.Stat(p); err == nil {
			out[i] = stamp{p, info.ModTime(), info.Size(), info.Mode()}
		}
	}
	return out
}

func sumFiles(paths []string) [sha256.Size]byte {
	h := sha256.New()
	for _, p := range paths {
		data, err := readBounded(p)
		fmt.Fprintf(h, "%q %d %t\n", p, len(data), err == nil)
		h.Write(data)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
