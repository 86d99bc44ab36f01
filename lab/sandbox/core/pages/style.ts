/** How all pages look: plain, by the reader's light or dark scheme, without anything from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1f2328; --soft: #5f6670; --line: #d8dce2; --box: #f5f6f8; --link: #0b5fbd;
  --ok: #14702f; --okbg: #dff5e4; --bad: #a51c2c; --badbg: #fde4e5; --run: #0b5fbd; --runbg: #dfedfd; --wait: #7a5200; --waitbg: #fff0cc;
  --off: #555c66; --offbg: #e9ebee; --add: #e2f7e7; --del: #fdeaea }
@media (prefers-color-scheme: dark) { :root { --bg: #16181d; --fg: #e3e6ea; --soft: #9aa2ad; --line: #353a43; --box: #1f2229; --link: #79b8ff;
  --ok: #7fdc97; --okbg: #16361f; --bad: #ff9aa2; --badbg: #46181d; --run: #9ccaff; --runbg: #14304f; --wait: #f3cd74; --waitbg: #3f300c;
  --off: #b3bac4; --offbg: #2c3038; --add: #16311d; --del: #3d1c20 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, sans-serif }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; padding: .6rem 1.5rem; background: var(--accent); color: #fff }
.bar a { color: #fff } .bar .brand { font-weight: 700; font-size: 1.05rem } .bar .grow, .row .grow { flex: 1 } .bar .note { opacity: .85; font-size: .85rem }
main { max-width: 72rem; margin: 0 auto; padding: 1rem 1.5rem 4rem }
nav.tabs { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; border-bottom: 1px solid var(--line); margin: .25rem 0 1.25rem }
nav.tabs a { padding: .4rem 0; color: var(--fg) } nav.tabs a[aria-current] { border-bottom: 3px solid currentColor; font-weight: 600 }
h1 { font-size: 1.5rem; margin: .6rem 0 } h2 { font-size: 1.1rem; margin: 1.8rem 0 .5rem } h1 .badge { vertical-align: middle }
p { margin: .5rem 0 } .soft, time { color: var(--soft) } .small { font-size: .87rem }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem }
.box { border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; margin: .75rem 0 } .box.fill { background: var(--box) }
.box > :first-child { margin-top: 0 } .box > :last-child { margin-bottom: 0 }
table { width: 100%; border-collapse: collapse; border: 1px solid var(--line); border-radius: 6px }
.scroll { overflow-x: auto } .scroll table { min-width: 40rem }
th, td { text-align: left; padding: .45rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top } tr:last-child td { border-bottom: 0 }
th { font-weight: 600; color: var(--soft); font-size: .85rem; background: var(--box) } td.tight { white-space: nowrap; width: 1% }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 0 } dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
code, pre, .mono, textarea { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
pre { margin: .75rem 0; padding: .75rem 1rem; background: var(--box); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; tab-size: 4 }
pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere } pre.lines { padding: .5rem 0 } pre.lines span { display: block; padding: 0 1rem }
pre.log { background: #14161a; color: #e6e8eb; white-space: pre-wrap; overflow-wrap: anywhere; min-height: 4rem }
pre.log .b { font-weight: 700 } pre.log .c31 { color: #ff8f8f } pre.log .c32 { color: #7fdc97 } pre.log .c33 { color: #f3cd74 }
pre.log .c34 { color: #8fbcff } pre.log .c35 { color: #e2a8ff } pre.log .c36 { color: #7fdbe6 } pre.log .c30, pre.log .c90 { color: #9aa2ad }
pre.diff { padding: .25rem 0 } pre.diff span { display: block; padding: 0 1rem; white-space: pre; min-width: max-content }
pre.diff .add { background: var(--add) } pre.diff .del { background: var(--del) } pre.diff .at { color: var(--soft); background: var(--offbg) }
.badge { display: inline-block; padding: 0 .55rem; border-radius: 1rem; font-size: .83rem; font-weight: 600; line-height: 1.6; white-space: nowrap; background: var(--offbg); color: var(--off) }
.badge.ok { background: var(--okbg); color: var(--ok) } .badge.bad { background: var(--badbg); color: var(--bad) }
.badge.run { background: var(--runbg); color: var(--run) } .badge.wait { background: var(--waitbg); color: var(--wait) }
.error { border-left: 4px solid var(--bad); background: var(--badbg); padding: .6rem 1rem; margin: .75rem 0; overflow-wrap: anywhere }
form.inline { display: inline } label { display: block; margin: .9rem 0 .25rem; font-weight: 600 } label.tick { font-weight: 400; margin: .4rem 0 }
input:not([type]), input[type=text], input[type=password] { width: 100%; max-width: 30rem; padding: .4rem .6rem; font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--soft); border-radius: 4px }
button, a.button { display: inline-block; font: inherit; font-weight: 600; padding: .3rem .9rem; border-radius: 4px; border: 1px solid var(--soft); background: var(--bg); color: var(--fg); cursor: pointer }
button.main, a.button.main { background: var(--link); border-color: var(--link); color: var(--bg) } button:hover, a.button:hover { filter: brightness(.94); text-decoration: none }
.bar button { border-color: #fff8; background: transparent; color: #fff; font-weight: 400; padding: .1rem .6rem }
:focus-visible { outline: 3px solid var(--run); outline-offset: 2px }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1rem } .cards .box { margin: 0 }
.stages { display: flex; flex-wrap: wrap; gap: 1rem; align-items: stretch } .stages .box { min-width: 13rem; margin: 0 } .stages .box p { margin: .35rem 0 }
ul.tree, ul.tree ul { list-style: none; margin: 0; padding-left: 1.6rem; border-left: 1px solid var(--line) } ul.tree { padding-left: 0; border: 0 }
ul.tree li { margin: .35rem 0 } ul.tree .node { display: inline-flex; flex-wrap: wrap; gap: .25rem .6rem; align-items: center; border: 1px solid var(--line); border-radius: 6px; padding: .25rem .7rem; background: var(--box) }
details > summary { cursor: pointer } details > pre { margin-top: .3rem }
`
