import { readdirSync, readFileSync } from 'node:fs';

/** Linux gives times to programs in hundredths of a second, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/**
 * How long the machine's processors worked, or waited for disks or for the host of a virtual machine, in ticks. The first
 * line of /proc/stat is: user nice system idle iowait irq softirq steal, then guests, who count as user already.
 */
export function busyTicks(stat) {
  const [user, nice, system, , iowait, irq, softirq, steal = 0] = stat.split('\n')[0].split(/\s+/).slice(1).map(Number);
  return user + nice + system + iowait + irq + softirq + steal;
}

/** Number, parent, and ticks (with those of children that it has waited for) of one process by its /proc/N/stat. */
export function processTicks(stat) {
  // The name is in parentheses and may hold any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(fields[1]),
    ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
  };
}

/** The ticks of a process and all that descend from it. */
export function familyTicks(processes, root) {
  const children = new Map();
  for (const one of processes) children.set(one.parent, [...(children.get(one.parent) ?? []), one]);
  const family = processes.filter(({ pid }) => pid === root);
  // The list grows while it is walked.
  for (const { pid } of family) family.push(...(children.get(pid) ?? []));
  return family.reduce((sum, { ticks }) => sum + ticks, 0);
}

function allProcesses() {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((number) => {
    try {
      return [processTicks(readFileSync(`/proc/${number}/stat`, 'utf8'))];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

/** Processor seconds so far of the machine and of this process with all it has started; undefined where none are reported. */
export function processorTimes() {
  try {
    const busy = busyTicks(readFileSync('/proc/stat', 'utf8')) / TICKS_PER_SECOND;
    const own = familyTicks(allProcesses(), process.pid) / TICKS_PER_SECOND;
    return Number.isFinite(busy + own) ? { busy, own } : undefined;
  } catch {
    return undefined;
  }
}
