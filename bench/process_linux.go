package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// allowedCPUs returns the processors this process may run on, in ascending order.
func allowedCPUs() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("reading the processor affinity: %w", err)
	}
	var cpus []int
	for i := 0; len(cpus) < set.Count(); i++ {
		if set.IsSet(i) {
			cpus = append(cpus, i)
		}
	}
	return cpus, nil
}

// pinSelf confines every thread of this process to cpus. Threads that start later inherit it from those that start them.
func pinSelf(cpus []int) error {
	set := cpuSet(cpus...)
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return fmt.Errorf("listing own threads: %w", err)
	}
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			return fmt.Errorf("listing own threads: %w", err)
		}
		if err := unix.SchedSetaffinity(tid, &set); err != nil && err != unix.ESRCH {
			return fmt.Errorf("pinning own thread %d: %w", tid, err)
		}
	}
	return nil
}

// startPinned starts cmd confined to one processor, from its first instruction on, so that its Go runtime sees one
// processor and chooses GOMAXPROCS=1 by itself. A negative cpu pins nothing. The child dies with this process.
func startPinned(cmd *exec.Cmd, cpu int) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if cpu < 0 {
		return cmd.Start()
	}
	// A child inherits the affinity of the thread that forks it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("reading the processor affinity: %w", err)
	}
	set := cpuSet(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("pinning to processor %d: %w", cpu, err)
	}
	startErr := cmd.Start()
	if err := unix.SchedSetaffinity(0, &before); err != nil {
		return fmt.Errorf("restoring the processor affinity: %w", err)
	}
	return startErr
}

func cpuSet(cpus ...int) unix.CPUSet {
	var set unix.CPUSet
	for _, c := range cpus {
		set.Set(c)
	}
	return set
}

// cpuTime returns the processor time, user and system, that all threads of a process have used, to the nanosecond:
// its CPU-time clock, see clock_getcpuclockid(3). /proc/PID/stat counts in ticks of 10 ms and /proc/PID/schedstat
// tells of the first thread only.
func cpuTime(pid int) (time.Duration, error) {
	const cpuclockSched = 2 // CPUCLOCK_SCHED of the kernel's include/linux/posix-timers_types.h, without the per-thread bit
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|cpuclockSched), &ts); err != nil {
		return 0, fmt.Errorf("reading the processor time of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}
