import { oneLine } from '../snippet.ts';
import type { Program, Source, Step } from './program.ts';

function sourceText(source: Source | null): string {
  if (source === null) return 'own';
  return source.raw ? `${source.back} back, as it is` : `${source.back} back`;
}

function stepText(step: Step, indent: string): string {
  switch (step.kind) {
    case 'call':
      return `${indent}${oneLine(step.call)} of ${step.sources.map(sourceText).join('; ') || 'nothing'}`;
    case 'effect':
      return `${indent}${step.effect} of ${step.back} back`;
    case 'wrapper': {
      const axes = step.wrapper === 'vmap' ? `, axes ${step.axes.map(String).join(', ')}` : '';
      const head = `${indent}${step.wrapper} of ${step.inputs.join(', ')} back${axes}, gives ${step.outputs.join(', ')} back:`;
      return [head, ...step.body.map((inner) => stepText(inner, `${indent}  `))].join('\n');
    }
  }
}

/** A line for each step; values are counted back from the last one made. */
export function programText({ steps }: Program): string {
  return steps.map((step) => stepText(step, '')).join('\n');
}
