//go:build !linux

package main

import (
	"errors"
	"os/exec"
	"time"
)

var errNeedsLinux = errors.New("measuring a process: this benchmark needs Linux (processor affinity, CPU-time clocks, /proc)")

func allowedCPUs() ([]int, error) { return nil, errNeedsLinux }

func pinSelf([]int) error { return errNeedsLinux }

func startPinned(*exec.Cmd, int) error { return errNeedsLinux }

func cpuTime(int) (time.Duration, error) { return 0, errNeedsLinux }
