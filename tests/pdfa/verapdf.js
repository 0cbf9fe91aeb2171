// Starts veraPDF's command line on its own parser; run by Rhino, which comes with veraPDF, so that no compiler is needed.
Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider.initialise();
Packages.org.verapdf.cli.VeraPdfCli.main(arguments);
