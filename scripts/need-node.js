// Plain JavaScript, since a Node too old for the rest has to run it: says what to do instead of failing on the first `.ts` file.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Postrider needs Node 24, and this is Node ${process.versions.node}. Run “npm ci” in this folder first: it brings its own Node 24, which “npm start” then uses.`,
  );
  process.exit(1);
}
