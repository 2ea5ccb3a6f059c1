// Words and language that the server wrote into the page's head.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

export const words = JSON.parse(meta("guanxi-words") || "{}");
export const chinese = document.documentElement.lang.toLowerCase().startsWith("zh");
export const address = (name) => meta(`guanxi-${name}`);

const loading = new Map();

/** Loads a script of ours once, when a page first needs it. */
export function load(source) {
  if (!loading.has(source)) {
    loading.set(source, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    }));
  }
  return loading.get(source);
}
