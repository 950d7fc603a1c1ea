package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// residentBytes returns the resident set of a process in bytes.
func residentBytes(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	return parseVmRSS(status)
}

// parseVmRSS finds the VmRSS line of a /proc/PID/status file, see proc_pid_status(5), and returns it in bytes.
func parseVmRSS(status []byte) (int64, error) {
	for line := range bytes.Lines(status) {
		rest, found := strings.CutPrefix(string(line), "VmRSS:")
		if !found {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) != 2 || fields[1] != "kB" {
			return 0, fmt.Errorf("parsing the resident set %q: want a number of kB", strings.TrimSpace(rest))
		}
		kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("parsing the resident set: %w", err)
		}
		return kilobytes << 10, nil
	}
	return 0, fmt.Errorf("parsing a process status: no VmRSS line (the process has ended?)")
}

// processorName returns the first model name of /proc/cpuinfo, or "unknown".
func processorName() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(info)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
