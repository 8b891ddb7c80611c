/** The text as one word of a POSIX shell, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export interface RemoteProgram {
  readonly folder: string;
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** The content of MLX's host file, where there is one. */
  readonly hostFile: string | undefined;
  /** How long it may take to end after SIGTERM. */
  readonly graceMs: number;
}

/**
 * A script for the other computer's shell, which runs the program there. Lines on its standard input are what the launcher
 * wants: `signal NAME`, `failed TEXT`, `ended TEXT`. When they end, because the launcher or the connection has, the
 * program is ended, too: ssh alone would leave it running.
 */
export function remoteScript({ folder, command, variables, hostFile, graceMs }: RemoteProgram): string {
  const place = quoted(folder);
  return [
    `cd ${place} || { echo ${quoted(`there is no folder ${folder}`)} >&2; exit 126; }`,
    'launch=$(mktemp -d) || exit 126',
    'export MLX_ROUTER_LAUNCH="$launch"',
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    ...(hostFile === undefined
      ? []
      : ['export MLX_HOSTFILE="$launch/hosts.json"', `printf %s ${quoted(hostFile)} > "$MLX_HOSTFILE"`]),
    'exec 3<&0',
    `${command.map(quoted).join(' ')} < /dev/null 3<&- &`,
    'program=$!',
    '{',
    '  while read -r word text; do',
    '    case $word in',
    '      signal) kill -s "$text" "$program" ;;',
    '      failed|ended) printf %s "$text" > "$launch/draft" && mv "$launch/draft" "$launch/$word" ;;',
    '    esac',
    '  done',
    '  kill -s TERM "$program"',
    `  sleep ${Math.ceil(graceMs / 1000)}`,
    '  kill -s KILL "$program"',
    '} <&3 > /dev/null 2>&1 &',
    'watch=$!',
    // Shells say how it ended, which the launcher does.
    'wait "$program" 2> /dev/null',
    'code=$?',
    'kill "$watch"',
    'rm -rf "$launch"',
    'exit "$code"',
  ].join('\n');
}
