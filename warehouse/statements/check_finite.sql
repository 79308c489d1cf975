SELECT * FROM batch WHERE ${condition}
