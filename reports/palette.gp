# palette - colours that the colour-blind tell apart (Okabe and Ito, 2008), marks that tell apart without them.  The page
# turns each of these into one that suits light or dark; grey is for what is not the point.
array colour[6] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
array mark[6] = [7, 5, 9, 13, 11, 15]
array hollow[6] = [6, 4, 8, 12, 10, 14]
array name[4] = ["f64", "f32", "bf16", "f16"]
grey = "#777777"
pale = "#dddddd"
set grid lc rgb pale lt 1 lw 0.5
set border lw 0.8
set tics nomirror
