const h = (tag: string, attributes: Record<string, unknown> | null, ...children: unknown[]) => ({ tag, ...attributes, children });

export function describe(line: string, width: number): string {
  const element = <p class="line" data-width={width}>{line.padEnd(width, '.')}</p>;
  return `<${element.tag}>${element.children.join('')}</${element.tag}>`;
}
