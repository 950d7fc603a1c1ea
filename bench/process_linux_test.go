package main

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestCPUTimeOfAProcess compares the process's CPU-time clock with what getrusage says of this process.
func TestCPUTimeOfAProcess(t *testing.T) {
	used := func() time.Duration {
		var r syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
			t.Fatal(err)
		}
		return time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	before := used()
	got, err := cpuTime(os.Getpid())
	after := used()
	if err != nil {
		t.Fatal(err)
	}
	const slack = 20 * time.Millisecond // getrusage scales by ticks
	if got < before-slack || got > after+slack {
		t.Errorf("got %v, want between %v and %v", got, before, after)
	}
	first, _ := cpuTime(os.Getpid())
	for x := 0; x < 1<<22; x++ {
		runtime.KeepAlive(x)
	}
	if second, _ := cpuTime(os.Getpid()); second <= first {
		t.Errorf("after some work: got %v, want more than %v", second, first)
	}
}

func TestCPUTimeOfNoProcess(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Skip(err)
	}
	if got, err := cpuTime(cmd.Process.Pid); err == nil {
		t.Errorf("got %v for a process that has ended, want an error", got)
	}
}

// TestStartPinned has a child say what it may run on.
func TestStartPinned(t *testing.T) {
	cpus, err := allowedCPUs()
	if err != nil || len(cpus) == 0 {
		t.Fatalf("got processors %v, %v", cpus, err)
	}
	last := cpus[len(cpus)-1]
	cmd := exec.Command("sleep", "10")
	if err := startPinned(cmd, last); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	status, err := residentBytes(cmd.Process.Pid)
	if err != nil || status <= 0 {
		t.Errorf("resident set of the child: got %d, %v", status, err)
	}
	if got := affinityOf(t, cmd.Process.Pid); !slices.Equal(got, []int{last}) {
		t.Errorf("the child may run on %v, want [%d]", got, last)
	}
	if now, err := allowedCPUs(); err != nil || !slices.Equal(now, cpus) {
		t.Errorf("afterwards this process may run on %v, %v; want %v as before", now, err, cpus)
	}
}

func affinityOf(t *testing.T, pid int) []int {
	t.Helper()
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(pid, &set); err != nil {
		t.Fatal(err)
	}
	var cpus []int
	for i := range 1024 {
		if set.IsSet(i) {
			cpus = append(cpus, i)
		}
	}
	return cpus
}
