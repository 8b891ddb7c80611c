// What only the commands on language models load. The imports stand in functions of their own: beside `using`, TypeScript
// writes the name of the source into what it compiles.

export const languageModels = () => import('../../lm/index.ts');
export const serverLibrary = () => import('../../lm/serve/index.ts');
