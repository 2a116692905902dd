import { describe, settings } from '../lib';
import { join, widest } from 'lines';

export function report(names: readonly string[]): string {
  return join(names.map((name) => describe(name, Math.max(settings.width, widest(names)))));
}
